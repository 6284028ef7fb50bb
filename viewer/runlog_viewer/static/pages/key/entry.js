// The page of a key: everything on it begins here, in this order.

import * as search from '../../gallery/search.js';
import * as valuesOfSteps from '../../gallery/values_of_steps.js';
import * as boxLists from '../../overlays/box_lists.js';
import * as differingMasks from '../../overlays/differing_masks.js';
import * as hover from '../../overlays/hover.js';
import * as masksApart from '../../overlays/masks_apart.js';
import * as scores from '../../overlays/scores.js';
import * as opener from '../../stage/opener.js';
import * as everyPage from '../every_page.js';
import {openKeyPage} from './key_page.js';

everyPage.prepare();
scores.start();
hover.start();
boxLists.start();
differingMasks.start();
search.start();
valuesOfSteps.start();
masksApart.start();
opener.start();
everyPage.begin(openKeyPage());
