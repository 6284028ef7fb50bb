// Before any page of a run is painted.

import * as address from '../core/address.js';
import * as linked from '../core/linked.js';
import * as settings from '../core/settings.js';
import * as theme from '../core/theme.js';
import * as viewer from '../core/viewer.js';

viewer.start();
theme.start();
settings.start();
address.start();
linked.start();
