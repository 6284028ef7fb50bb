// Judged images, as a script of its own: loaded once there are some.

import * as judgedGallery from './judged_gallery.js';
import {openJudgedKey} from './judged_key.js';
import {openJudgedPanes} from './judged_panes.js';

window.runlog.receive('judging script', {judgedGallery, openJudgedKey, openJudgedPanes});
