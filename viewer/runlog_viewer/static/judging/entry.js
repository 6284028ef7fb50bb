// Judged images, as a script of its own: gallery/judged.js loads it once there are some.

import * as judging from './judging.js';

window.runlog.receive('judging script', judging);
