// The page that compares: everything on it begins here, in this order.

import * as boxLists from '../../overlays/box_lists.js';
import * as differingMasks from '../../overlays/differing_masks.js';
import * as hover from '../../overlays/hover.js';
import * as scores from '../../overlays/scores.js';
import * as opener from '../../stage/opener.js';
import * as everyPage from '../every_page.js';
import {openComparePage} from './compare_page.js';

everyPage.prepare();
scores.start();
hover.start();
boxLists.start();
differingMasks.start();
opener.start({inAddress: false});
opener.stageScript().then(({linkedStages}) => everyPage.begin(openComparePage(linkedStages)));
