package io.inferc.report;

/** How the page looks on wide and narrow screens, light and dark, and on paper. */
final class PageStyle {
  private static final String SCREEN =
      """
      * { box-sizing: border-box; }
      body { font: 16px/1.5 system-ui, sans-serif; margin: 0; color: var(--text); background: var(--page); }
      main { max-width: 66rem; margin: 0 auto; padding: 1.5rem 1rem 4rem; }
      h1 { font-size: 1.8rem; line-height: 1.2; margin: 0 0 1rem; overflow-wrap: anywhere; }
      h2 { font-size: 1.3rem; margin: 2.5rem 0 .6rem; } h3 { font-size: 1.05rem; margin: 1.6rem 0 .4rem; }
      p { margin: .5rem 0; } ul { margin: .5rem 0; padding-left: 1.3rem; }
      .dim { color: var(--dim); } .small { font-size: .875rem; }
      .eyebrow { margin: 0 0 .2rem; color: var(--dim); font-size: .875rem; }
      .tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(17rem, 1fr)); gap: 1rem; }
      .tile { background: var(--card); border-left: .35rem solid var(--dim); border-radius: .4rem; padding: .8rem 1rem; }
      .tile p { margin: 0; } .tile .what { color: var(--dim); font-size: .875rem; }
      .tile .figure { font-size: 1.5rem; line-height: 1.25; font-weight: 650; margin: .1rem 0 .4rem; }
      .tile .detail { font-size: .9rem; } .tile .detail + .detail { margin-top: .3rem; }
      .tile.good { border-color: var(--good); } .tile.good .figure { color: var(--good); }
      .tile.bad { border-color: var(--bad); } .tile.bad .figure { color: var(--bad); }
      .origin { display: grid; grid-template-columns: max-content 1fr; gap: .2rem 1rem; margin: 1.2rem 0 0; font-size: .9rem; }
      .origin dt { color: var(--dim); } .origin dd { margin: 0; overflow-wrap: anywhere; min-width: 0; }
      @media (max-width: 36rem) { .origin { grid-template-columns: minmax(0, 1fr); gap: 0; } .origin dd { margin-bottom: .4rem; } }
      code { font: .9em ui-monospace, monospace; overflow-wrap: anywhere; }
      .warning { border-left: .35rem solid var(--warn); background: var(--card); border-radius: .4rem; padding: .6rem 1rem; margin: 1rem 0; }
      .warning strong { color: var(--warn); }
      .badge { display: inline-block; padding: 0 .6rem; border-radius: 1rem; color: var(--page); font-size: .9rem; font-weight: 600; }
      .badge.good { background: var(--good); } .badge.bad { background: var(--bad); } .badge.open { background: var(--warn); }
      .scroll { overflow-x: auto; margin: .6rem 0 1rem; }
      table { border-collapse: collapse; width: 100%; font-size: .9rem; }
      td, th { padding: .35rem .7rem; text-align: left; border-bottom: 1px solid var(--line); vertical-align: top; min-width: 5rem; }
      th { font-weight: 600; background: var(--card); } tbody th { width: 1%; white-space: nowrap; }
      td.n, th.n { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; min-width: 0; }
      th.n { white-space: normal; } th.named { overflow-wrap: anywhere; min-width: 5rem; }
      tbody td:first-child { min-width: 9rem; } td.short { white-space: nowrap; } td.why { min-width: 15rem; }
      .names { overflow-wrap: anywhere; font-size: .9em; } td.names { min-width: 13rem; }
      details { margin: .8rem 0; } summary { cursor: pointer; padding: .2rem 0; }
      .plot { min-width: 36rem; width: 100%; height: auto; display: block; }
      .plot text { font-size: 13px; fill: currentColor; }
      figure { margin: .8rem 0 1.2rem; } figcaption { font-size: .875rem; color: var(--dim); max-width: 48rem; }
      .plot.fit { min-width: 0; max-width: 48rem; } .plot.fit text { font-size: 12px; }
      .legend svg { width: 2.6rem; height: .9rem; margin-right: .45rem; vertical-align: -.1rem; }
      .legend li { overflow-wrap: anywhere; min-width: 0; }
      .interval { display: block; color: var(--dim); font-size: .8rem; }
      .warning.void { border-color: var(--bad); } .warning.void strong { color: var(--bad); font-size: 1.15rem; }
      .warning li { overflow-wrap: anywhere; } .tile .detail, td, h3 { overflow-wrap: break-word; }
      .bar { display: flex; height: 1.2rem; gap: 2px; border-radius: .3rem; overflow: hidden; margin: .6rem 0; }
      .bar span, .key::before { background-color: var(--card); border: 1px solid var(--text); }
      .legend { display: flex; flex-wrap: wrap; gap: .3rem 1.4rem; margin: .4rem 0 1rem; padding: 0; list-style: none; font-size: .9rem; }
      .key::before { content: ""; display: inline-block; width: 1.6rem; height: .9rem; margin-right: .45rem; vertical-align: -.1rem; }
      .bar .int8, .int8.key::before { background-color: var(--good); }
      .bar .uint8, .uint8.key::before { background-image: repeating-linear-gradient(90deg, var(--good) 0 3px, transparent 3px 7px); }
      .bar .half, .half.key::before { background-image: repeating-linear-gradient(45deg, var(--compiled) 0 4px, transparent 4px 8px); }
      .bar .full, .full.key::before { background-image: radial-gradient(var(--original) 1.5px, transparent 1.8px); background-size: 6px 6px; }
      .bar .rest, .rest.key::before { background-image: none; }
      @media (max-width: 36rem) { .plot.fit text { font-size: 21px; }
        td, th { padding: .35rem .4rem; } tbody td:first-child { min-width: 6.5rem; } td.names { min-width: 7rem; } }
      """;

  private static final String PAPER =
      """
      @page { margin: 15mm; }
      @media print {
        html { font-size: 10pt; } body { font-size: 1rem; } main { max-width: none; padding: 0; }
        h1, h2, h3, .lead, thead { break-after: avoid; } h2 { margin-top: 1.6rem; }
        tr, .tile, .warning, .plot, figure, .bar, .legend, .origin { break-inside: avoid; }
        tbody tr:first-child { break-before: avoid; } thead { display: table-header-group; }
        .tiles { grid-template-columns: repeat(3, 1fr); gap: .6rem; } .tile .figure { font-size: 1.2rem; }
        .scroll { overflow: visible; } .plot { min-width: 0; } .plot.fit { max-width: 150mm; } .plot.fit text { font-size: 13px; } table { font-size: 8.5pt; }
        td, th { padding: .2rem .4rem; min-width: 0; overflow-wrap: break-word; } td.why, td.names, tbody td:first-child { min-width: 0; }
        .interval { font-size: 7.5pt; } details:not([open]) { display: none; }
        .badge, .bar span, .key::before, .tile, .warning, th { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
      }
      """;

  private PageStyle() {}

  static String css() {
    return Palette.declarations() + SCREEN + PAPER;
  }
}
