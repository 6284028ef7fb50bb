// The page that compares: everything on it begins here, in this order.

import * as hover from '../../overlays/hover.js';
import * as scores from '../../overlays/scores.js';
import * as full from '../../stage/full.js';
import * as everyPage from '../every_page.js';
import {openComparePage} from './compare_page.js';

everyPage.prepare();
scores.start();
hover.start();
full.start({inAddress: false});
everyPage.begin(openComparePage());
