/**
 * The report's style sheet. Series colours are chosen to stay apart for colour-blind readers (after Okabe and
 * Ito 2008, darkened for contrast on white, lightened for the dark theme); dash patterns and marker shapes say
 * the same again. Printing is always light.
 */
const light = `--page:#f6f7f9;--card:#fff;--ink:#1b2128;--muted:#59636e;--line:#dde2e8;--grid:#e9edf1;--accent:#0067a6;
--good:#00734f;--good-soft:#e2f4ec;--bad:#b03a00;--bad-soft:#fdeee4;--on-deep:#fff;
--s0:#0072b2;--s1:#d55e00;--s2:#008a63;--s3:#b0528a;--s4:#8f6a00;--s5:#3f8fc4;--s6:#6b4fa0;--s7:#4a525b;`;

const dark = `--page:#111519;--card:#191e24;--ink:#e8ecf0;--muted:#a3aeb9;--line:#2d353e;--grid:#262d35;--accent:#6bb8ee;
--good:#53cf9f;--good-soft:#12302a;--bad:#ff9d5c;--bad-soft:#3a2418;--on-deep:#0d1216;
--s0:#56b4e9;--s1:#f08a4b;--s2:#2fc49a;--s3:#e39ac4;--s4:#e2b93b;--s5:#9ad2f5;--s6:#b7a3e3;--s7:#c3cad1;`;

const page = `
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%}
body{margin:0;background:var(--page);color:var(--ink);font:16px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif}
main,body>header,body>footer{max-width:70rem;margin:0 auto;padding:0 1.25rem}
body>header{padding-top:2.5rem}
body>footer{padding-top:1.5rem;padding-bottom:3rem;color:var(--muted);font-size:.875rem}
h1{font-size:clamp(1.6rem,1.2rem + 1.8vw,2.3rem);line-height:1.2;margin:.15rem 0 .5rem;letter-spacing:-.015em;overflow-wrap:anywhere}
h2{font-size:1.3rem;line-height:1.3;margin:0 0 .75rem;letter-spacing:-.01em}
h3{font-size:1rem;margin:0 0 .5rem}
p{margin:0 0 .75rem}
.eyebrow,.quiet{color:var(--muted);font-size:.875rem}
.eyebrow{margin:0}
.lead{font-size:1.1rem;max-width:46rem;color:var(--muted)}
.measure{max-width:46rem}
nav{display:flex;flex-wrap:wrap;gap:.25rem 1.1rem;margin:1rem 0 0;padding:.6rem 0;border-top:1px solid var(--line);border-bottom:1px solid var(--line);font-size:.9rem}
a{color:var(--accent);text-decoration:none}
a:hover{text-decoration:underline}
a:focus-visible,summary:focus-visible,.scroll:focus-visible{outline:2px solid var(--accent);outline-offset:2px}
section{margin-top:2.25rem;scroll-margin-top:1rem}
.badge{display:inline-block;border-radius:999px;padding:.15rem .75rem;font-weight:600;font-size:.9rem;white-space:nowrap}
.badge.good{background:var(--good-soft);color:var(--good)}
.badge.bad{background:var(--bad-soft);color:var(--bad)}
.alarms{margin-top:1.5rem;background:var(--bad-soft);border-left:4px solid var(--bad);border-radius:6px;padding:1rem 1.25rem}
.alarms h2{font-size:1.05rem;margin-bottom:.4rem;color:var(--bad)}
.alarms ul{margin:0;padding-left:1.2rem}
.tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(9.5rem,1fr));gap:.9rem;margin:0 0 1rem}
.tile,figure,.card{background:var(--card);border:1px solid var(--line);border-radius:10px}
.tile{padding:.9rem 1.1rem}
.tile dt{color:var(--muted);font-size:.875rem}
.tile dd{margin:0}
.tile .value{font-size:2rem;font-weight:650;line-height:1.15;letter-spacing:-.02em;font-variant-numeric:tabular-nums}
.card{padding:1rem 1.1rem;margin-bottom:1rem}
.figures{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,25rem),1fr));gap:1rem;align-items:start;margin-bottom:1rem}
figure{margin:0;padding:1rem 1.1rem .8rem}
figure.wide{margin-bottom:1rem}
figure.wide svg{max-width:42rem;margin-inline:auto}
figcaption{color:var(--muted);font-size:.875rem;margin-top:.5rem}
figcaption b{color:var(--ink)}
.scroll{overflow-x:auto}
table{border-collapse:collapse;width:100%;font-size:.925rem}
caption{text-align:left;font-weight:600;padding-bottom:.5rem}
caption span{display:inline-block;position:sticky;left:0;max-width:min(100%,calc(100vw - 4.8rem))}
th,td{padding:.4rem .75rem .4rem 0;border-bottom:1px solid var(--line);text-align:left;vertical-align:baseline}
th{font-weight:600;color:var(--muted);font-size:.85rem}
thead th{white-space:nowrap}
tbody th{font-weight:500;color:var(--ink);font-size:inherit;overflow-wrap:break-word}
tr:last-child>*{border-bottom:0}
.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
th:last-child,td:last-child{padding-right:0}
.n+:not(.n){padding-left:1.25rem}
.met{color:var(--good);font-weight:600;white-space:nowrap}
.unmet{color:var(--bad);font-weight:600;white-space:nowrap}
code,.mono,pre{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,"Liberation Mono",monospace;font-size:.85em}
.mono{overflow-wrap:anywhere}
td .mono,th .mono{display:inline-block;min-width:9rem}
.mono.one{min-width:0;white-space:nowrap}
.reading{display:block;min-width:13rem}
.card>.quiet{margin:.75rem 0 0}
pre{overflow-x:auto;background:var(--page);border:1px solid var(--line);border-radius:8px;padding:.75rem 1rem;margin:.25rem 0 1rem}
summary{cursor:pointer;font-weight:600}
details[open]>summary{margin-bottom:.75rem}`;

const plots = `
.plot{display:block;width:100%;height:auto;font:12px system-ui,-apple-system,"Segoe UI",Roboto,Arial,sans-serif}
.plot text{fill:var(--muted)}
.plot .label,.plot .legend text,.plot .row text{fill:var(--ink)}
.grid{stroke:var(--grid)}
.base{stroke:var(--muted);stroke-opacity:.6}
.line{fill:none;stroke:var(--c);stroke-width:2;stroke-linejoin:round;stroke-linecap:round}
.dot,.bar{fill:var(--c)}
.bar{fill-opacity:.8}
.diamond{fill:var(--card);stroke:var(--c);stroke-width:1.8}
.split{stroke:var(--line)}
.whisker{fill:none;stroke:var(--c);stroke-width:1.6}
.bubble{fill:var(--c);stroke:var(--card);stroke-width:1}
.gap{stroke:var(--c);stroke-opacity:.45;stroke-width:1.5}
.dots{fill:none;stroke:var(--c);stroke-width:5;stroke-linecap:round;stroke-opacity:.6}
.dots.many{stroke-width:3.5;stroke-opacity:.4}
.reference{stroke:var(--c,var(--muted));stroke-dasharray:2 4;stroke-opacity:.8}
.chance{--c:var(--muted)}
.note line{stroke:var(--muted);stroke-dasharray:4 3}
.note text{fill:var(--ink)}
.heat .ground{fill:var(--grid)}
.heat .tile{fill:var(--s0)}
.heat .big{font-size:16px;font-weight:600}
.heat .small{font-size:11px}
.heat .big,.heat .small,.heat text{fill:var(--ink)}
.heat .deep text{fill:var(--on-deep)}
.d1 .line{stroke-dasharray:7 4}
.d2 .line{stroke-dasharray:2 4}
.d3 .line{stroke-dasharray:8 3 2 3}`;

const print = `@media print{:root{${light}--page:#fff;color-scheme:light}body{font-size:10.5pt}nav{display:none}
figure,.tile,tr{break-inside:avoid}h2,caption{break-after:avoid}.mono.one{white-space:normal}
.figures{grid-template-columns:1fr 1fr}.tiles{grid-template-columns:repeat(4,1fr)}.scroll{overflow:visible}
details::details-content{content-visibility:visible;height:auto}*{print-color-adjust:exact;-webkit-print-color-adjust:exact}}`;

const series = Array.from({ length: 8 }, (_, i) => `.s${i}{--c:var(--s${i})}`).join('');

/** Everything that goes into the page's one style element. */
export const styleSheet = `:root{color-scheme:light dark;${light}}
@media (prefers-color-scheme:dark){:root{${dark}}}${page}${plots}
${series}
${print}`;
