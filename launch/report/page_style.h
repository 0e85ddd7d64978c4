// The style of the page of a report, for light and for dark ground, wide and narrow screens.
#pragma once

namespace lockstep {

// Colours of lines are those of Okabe and Ito (2008), which colour-blind readers can tell apart;
// lighter ones on dark ground. What is wider than the screen has a shadow at the side to which it
// can be scrolled: the upper two grounds move with what is scrolled and hide the shadows at its
// ends. Pictures have a ground of their own above the shadow, and a hint in words (wide_picture.h).
inline constexpr const char* kPageStyle = R"(<style>
:root { color-scheme: light dark; --text: #222; --soft: #5c5c5c; --grid: #ddd; --back: #fff; --box: #f5f5f5;
  --c0: #0072b2; --c1: #d55e00; --c2: #009e73; --c3: #b04a86; --c4: #a97400; --c5: #2f8fc4; }
@media (prefers-color-scheme: dark) {
  :root { --text: #e6e6e6; --soft: #a8a8a8; --grid: #3f3f3f; --back: #181818; --box: #242424;
    --c0: #56b4e9; --c1: #f0823c; --c2: #2fc090; --c3: #e09ac4; --c4: #f0c050; --c5: #a8d8f4; }
}
* { box-sizing: border-box; }
body { font: 15px/1.45 "DejaVu Sans", Verdana, Arial, sans-serif; color: var(--text); background: var(--back);
  max-width: 1500px; margin: 0 auto; padding: 12px; }
h1 { font-size: 1.4em; overflow-wrap: anywhere; } h2 { font-size: 1.1em; margin: 1.6em 0 .5em; }
p { margin: .5em 0; overflow-wrap: anywhere; }
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 440px), 1fr)); gap: 14px; }
.chart { width: 100%; height: auto; background: var(--box); border-radius: 6px; }
.chart text, .track text { font-size: 13px; fill: var(--text); }
.chart .title { font-weight: bold; } .chart .unit, .chart .note { font-size: 12px; fill: var(--soft); }
.chart .note { stroke: var(--box); stroke-width: 4px; stroke-linejoin: round; paint-order: stroke; }
.grid { stroke: var(--grid); } .axis { stroke: var(--soft); fill: none; } .line { fill: none; stroke-width: 1.6; }
.line.c0 { stroke: var(--c0); } .line.c1 { stroke: var(--c1); } .line.c2 { stroke: var(--c2); }
.line.c3 { stroke: var(--c3); } .line.c4 { stroke: var(--c4); } .line.c5 { stroke: var(--c5); }
circle.c0 { fill: var(--c0); } circle.c1 { fill: var(--c1); } circle.c2 { fill: var(--c2); }
circle.c3 { fill: var(--c3); } circle.c4 { fill: var(--c4); } circle.c5 { fill: var(--c5); }
.start { stroke: var(--soft); stroke-dasharray: 2 4; } .skipped { fill: var(--c1); }
.clipped { stroke: var(--c1); stroke-width: .5; }
.wide { overflow-x: auto; max-width: 100%; background: linear-gradient(to right, var(--back) 12px, transparent)
  left / 36px 100% no-repeat local, linear-gradient(to left, var(--back) 12px, transparent)
  right / 36px 100% no-repeat local, linear-gradient(to right, var(--grid), transparent) left / 14px 100% no-repeat,
  linear-gradient(to left, var(--grid), transparent) right / 14px 100% no-repeat; }
.track { width: 100%; min-width: 640px; max-width: 1100px; }
.hint { display: none; color: var(--soft); font-size: .85em; }
.picture { margin-bottom: 12px; } .picture svg { display: block; border-radius: 6px; }
table { border-collapse: collapse; font-size: .9em; }
th, td { text-align: left; padding: 3px 12px 3px 0; border-bottom: 1px solid var(--grid); vertical-align: top; }
.matrix td { text-align: right; padding: 3px 8px; font-variant-numeric: tabular-nums; }
.matrix th:first-child { position: sticky; left: 0; background: var(--back); }
.matrix tr:first-child th { vertical-align: bottom; padding: 3px 6px; }
.matrix tr:first-child th:first-child { padding-left: 0; }
.matrix tr:first-child th span { writing-mode: vertical-rl; transform: rotate(180deg); }
.key span { display: inline-block; margin-right: 14px; }
.key i { display: inline-block; width: 14px; height: 14px; margin-right: 5px; vertical-align: -2px; }
.entities p { margin: .25em 0; line-height: 1.9; } .entities .right { margin: 0 0 .6em 1.5em; color: var(--soft); }
mark { background: none; color: inherit; border: 2px solid; border-radius: 5px; padding: 0 4px;
  -webkit-box-decoration-break: clone; box-decoration-break: clone; }
mark small { color: var(--soft); margin-left: 5px; }
pre.text { background: var(--box); border-radius: 6px; padding: 8px; white-space: pre-wrap; overflow-wrap: anywhere;
  font: 13px/1.4 "DejaVu Sans Mono", monospace; margin: .3em 0; }
dl { display: grid; grid-template-columns: minmax(0, max-content) minmax(0, 1fr); gap: 2px 16px; margin: 0; }
@media (max-width: 600px) { table { font-size: .8em; } th, td { padding-right: 7px; } .matrix td { padding: 3px 5px; } }
dt { color: var(--soft); } dd { margin: 0; overflow-wrap: anywhere; } summary { cursor: pointer; margin: 1.6em 0 .5em;
  font-weight: bold; } footer { color: var(--soft); font-size: .85em; }
</style>
)";

}  // namespace lockstep
