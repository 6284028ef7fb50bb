"""The viewer of runlog: run folders → a folder of static files that any browser opens.

``build`` writes the site once, ``watch`` keeps it up to date, `Server` shows it over the loopback interface.
A page opened from ``file://`` and one served are the same file, and both follow a live run.

The site
--------
::

    RUNS/index.html                     all runs
    RUNS/viewer/data/overview.js        its rows, for pages that are open
    RUNS/viewer/data/columns.js         summary and configuration of all runs, for columns
    RUN/index.html                      one run
    RUN/viewer/steps/000000003.html     one step; there is a page for each that has images or texts
    RUN/viewer/key.html                 one key over all steps, or one image over time
    RUN/viewer/compare.html             runs, steps or layers side by side; charts of several runs
    RUN/viewer/data/index.js            steps by block, each with its revision and the keys of its images and
                                        of its texts; the range of each score; the builder's notes
    RUN/viewer/data/block-0000.js       the galleries of 32 steps, by order of arrival
    RUN/viewer/data/run.js              the content of the run page
    RUN/viewer/data/charts.js           the points of the charts
    RUN/viewer/data/about.js            name, configuration and summary, for pages that compare
    RUN/viewer/data/captions-0000.js    the captions and texts of the same steps: [step, key, index, caption]
                                        and [step, key, null, text]; at the end a 1, if that is not all of it
    RUN/viewer/data/texts-000000003.js  texts of a step that are too long for the scripts above, by key
    RUN/viewer/thumbs/                  small copies of large pictures
    RUN/viewer/masks/*.js               the class id of each pixel of a mask, for scripts (viewer/masks.py)
    RUN/viewer/masks/*.png              8-bit copies of 16-bit masks
    …/viewer/version.js                 revision and state, written last: open pages ask it what is new
    …/viewer/*.css, *.js                style and scripts, so that a run folder needs nothing outside itself

A new step writes its own page, its block and the small files above, never the page of another step.

``key.html`` and ``compare.html`` are the same for every step: scripts fill them from the data.

What is looked at, at the end of an address
-------------------------------------------
Values as in a query (``#name=value&name=value``), percent-encoded. A link made from these works in any copy.

``RUNS/index.html#q=coins&sort=-summary.val/iou&columns=summary.val/iou,config.lr``
    The filter, the column sorted by (``-``: the highest first), columns of ``summary`` and ``config``;
    ``hide=took``: columns that are not shown; ``pick=RUN,RUN``: runs picked to compare;
    ``open=PROJECT/GROUP``: groups whose runs show.
``RUN/index.html#x=time&y=log&smooth=0.6&chart=val/loss``
    Charts over time, on a log scale, smoothed; the chart that is enlarged, ``zoom=100..250``: from there to
    there. ``x=step``: over steps, also where
    `define_metric` names a step metric.
``viewer/steps/000000003.html#hide=boxes:truth,masks:areas,3&min=confidence:0.5``
    Layers and class ids that are hidden (``only=3,4``: the ids that are not), and the least of a score; on
    the other pages of a run as well. ``sort=-max.confidence``: the images from the highest confidence down
    (or ``boxes``, ``class.3``, ``mean.confidence``; without ``-`` upwards); ``page=val/predictions:2``: the
    second page of a key with many images; ``fold=train/images``: keys whose images are folded away
    (``open=``: the keys whose are not); ``texts=open``: all texts opened; ``earlier=no``: nothing but images
    of this step; ``text=val/prompt``: the text that was opened last; ``step=7``: another step than the page's
    own, as a page opened from file:// cannot change its path (the latest before it, where it has no page);
    ``follow``: always the latest. What an address says goes before what the tab remembers.
``viewer/key.html#key=val/predictions``
    The images or texts of a key, a row for each step. ``index=2``: only that image, over time;
    ``order=ascending``: the first step on top; ``from=108``: the images from that index on, where a step has
    more than fit.
``viewer/compare.html#panes=.@120,.&key=val/predictions&index=0``
    Two to four panes, by commas. A pane is the name of a run folder next to this one, or ``.`` for this one,
    then where it stands: nothing (the step of the slider), ``@120`` (that step), ``@+10`` or ``@-10`` (so
    many steps' numbers from the slider); then the layers to show, if not all: ``.!truth``. In names, the
    characters ``% , @ !`` are percent-encoded, before the value as a whole is.
    ``step=200``: where the slider is (the latest, without); ``key``, ``index``: the image shown; ``view``:
    ``side`` (the default) or, for a pair, ``blink``, ``difference`` or ``split``; ``gain=4``: how much a
    difference is amplified; ``zoom=48.5,30,8``: what is seen of the first picture, as ``view`` of the full
    view says it, and the same place of the others. A pane shows the latest image at or before its step.
    ``show=charts``: charts with a line for each run of the panes, with ``x``, ``y``, ``smooth`` and ``chart``
    as on the page of a run; ``rows=all``: all of their configuration and summary, not only what differs.
``image=val/predictions/2&view=48.5,30,8``, on a page with pictures of one run, but the one that compares
    The full view of an image, by key and index, at the step of the page or, where the page has none of its
    own, at ``step=3``. ``view``: the place at the middle, in pixels of the picture, and how many pixels of
    the screen one of them takes; without it, all of the picture.

The elements to rely on, in tests and in style sheets of your own
------------------------------------------------------------------
``body[data-run][data-step][data-revision]``
    The run id, the step shown (the latest, on a run page) and its revision.
``section.key[data-key]``
    The images of one key; with ``data-from`` those of an earlier step than the one shown, since it has none.
``figure.image[data-key][data-step][data-index]``
    One image; in it ``img`` (in a link to the media file) and ``figcaption`` if it has a caption. An image
    with a grouping has it as ``data-grouping``. A very long caption is whole in ``details.long > bdi``,
    and the ``summary`` has its beginning.
``img[data-full]``
    One that may show a thumbnail, and the link to the original, whose ``width`` and ``height`` it has.
``div.group[data-grouping]``
    The images of one grouping, next to each other within their key; there is none for images without one.
``svg.overlay``
    What is drawn over the image, in its pixels.
``image.mask[data-layer][data-ids]``
    One mask; ``data-ids`` links to the data script with the class id of each of its pixels. In WebKit, whose
    filters are exact on pictures alone, a script makes one with a filter ``img.mask[data-filter]``.
``filter[data-ids]``
    What colours a mask: its table entry n is the nth of these class ids; without ``data-ids``, class n.
``g.layer[data-layer]``
    The boxes of one layer that can be drawn.
``g.tag-layer[data-layer] text[data-box][data-class]``
    What is written at the box that has the place ``data-box`` (from 0) in the ``g.layer`` of the same layer;
    only where the picture is at least ``data-from`` px wide.
``.legend li[data-class]``
    One class with its names; ``.count`` is the number of its boxes or, where it has none, of the masks that
    hold it; its ``title`` has both. ``aria-checked`` says whether it is shown.
``rect.box[data-below]``, ``text[data-below]``
    A box whose score is below the least that the reader asks for, or is no number, and what is written at it.
``section.strip[data-step][data-revision]``
    On the page of a key, one step: a link to it, and the images or the text of the key.
``section.pane[data-run][data-step]``
    On the page that compares, one pane; ``data-run`` is as in the address. A pair laid over each other is
    ``#pair[data-view][data-shown]``, in it two ``.part``.
``dialog.full[open] .full-stage .picture``
    The picture in full view: a copy of that in its figure, with the original as its ``img``.
``.chart[data-key] .plot``
    The chart of one scalar; in it ``path.line``, and ``p.over`` with the step metric that it is drawn over.
    Where runs are compared, ``data-line`` of a path is the place of its run among them, from 0, and
    ``.line-key li`` has the name of each run and its value.
``.numbers dt``, ``.numbers dd``
    The numbers that were logged at the step shown.
``.text[data-key][data-step] .words``
    A text; one that is long is in ``details.long > .words``, and the ``summary`` has its beginning and
    how long it is. With ``details[data-digest]`` the rest is still to be loaded.
``rect.box[data-class][data-label]``
    One box; its caption, if it has one, is ``data-caption``, each score an attribute ``data-score-NAME`` (in
    lower case, other characters than letters, digits, ``_``, ``.`` and ``-`` replaced by ``-``).
"""

from runlog_viewer.serve import Server
from runlog_viewer.site import BuildResult, build
from runlog_viewer.watch import watch

__all__ = ["BuildResult", "Server", "build", "watch"]
