// The page of a step: everything on it begins here, in this order.

import * as beside from '../../gallery/beside.js';
import * as fold from '../../gallery/fold.js';
import * as judged from '../../gallery/judged.js';
import * as pager from '../../gallery/pager.js';
import * as search from '../../gallery/search.js';
import * as sort from '../../gallery/sort.js';
import * as valuesOfSteps from '../../gallery/values_of_steps.js';
import * as classCounts from '../../overlays/class_counts.js';
import * as boxLists from '../../overlays/box_lists.js';
import * as differingMasks from '../../overlays/differing_masks.js';
import * as hover from '../../overlays/hover.js';
import * as masksApart from '../../overlays/masks_apart.js';
import * as scores from '../../overlays/scores.js';
import * as everyPage from '../every_page.js';
import * as compareLink from './compare_link.js';
import * as shortcuts from './shortcuts.js';
import {openStepPage} from './step_page.js';

everyPage.prepare();
scores.start();
classCounts.start();
hover.start();
boxLists.start();
differingMasks.start();
beside.start();
judged.start();
sort.start();
fold.start();
pager.start();
search.start();
valuesOfSteps.start();
masksApart.start();
compareLink.start();
shortcuts.start();
everyPage.begin(openStepPage());
