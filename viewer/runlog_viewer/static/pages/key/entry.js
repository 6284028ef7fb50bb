// The page of a key: everything on it begins here, in this order.

import * as search from '../../gallery/search.js';
import * as values from '../../gallery/values.js';
import * as hover from '../../overlays/hover.js';
import * as masksApart from '../../overlays/masks_apart.js';
import * as scores from '../../overlays/scores.js';
import * as full from '../../stage/full.js';
import * as everyPage from '../every_page.js';
import {openKeyPage} from './key_page.js';

everyPage.prepare();
scores.start();
hover.start();
search.start();
values.start();
masksApart.start();
full.start();
everyPage.begin(openKeyPage());
