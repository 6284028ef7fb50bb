// The page of all runs: everything on it begins here, in this order.

import * as times from '../../core/times.js';
import * as everyPage from '../every_page.js';
import {openOverview} from './overview_page.js';

everyPage.prepare();
times.start();
everyPage.begin(openOverview());
