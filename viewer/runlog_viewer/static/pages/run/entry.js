// The page of a run: everything on it begins here, in this order.

import * as times from '../../core/times.js';
import * as fold from '../../gallery/fold.js';
import * as judged from '../../gallery/judged.js';
import * as pager from '../../gallery/pager.js';
import * as search from '../../gallery/search.js';
import * as sort from '../../gallery/sort.js';
import * as values from '../../gallery/values.js';
import * as classCounts from '../../overlays/class_counts.js';
import * as boxLists from '../../overlays/box_lists.js';
import * as differingMasks from '../../overlays/differing_masks.js';
import * as hover from '../../overlays/hover.js';
import * as masksApart from '../../overlays/masks_apart.js';
import * as scores from '../../overlays/scores.js';
import * as opener from '../../stage/opener.js';
import * as everyPage from '../every_page.js';
import * as copy from './copy.js';
import {openRunPage} from './run_page.js';
import * as twoRows from './two_rows.js';

everyPage.prepare();
scores.start();
classCounts.start();
hover.start();
boxLists.start();
differingMasks.start();
masksApart.start();
judged.start();
sort.start();
fold.start();
pager.start();
search.start();
values.start();
times.start();
copy.start();
opener.start();
twoRows.start();
everyPage.begin(openRunPage());
