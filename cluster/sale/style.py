"""How the page of a sale looks: light, without anything from elsewhere."""

STYLE = """
:root { color-scheme: light; }
body { font: 15px/1.45 system-ui, "Segoe UI", "DejaVu Sans", sans-serif; max-width: 980px; margin: 1.5rem auto;
  padding: 0 1.25rem; color: #1c2127; background: #fff; }
h1 { font-size: 1.6rem; margin: 0; } header p { margin: .25rem 0 0; color: #59616b; }
header { display: flex; justify-content: space-between; align-items: flex-start; gap: 1rem; }
.badge { font-size: 1.1rem; font-weight: 700; padding: .35rem .9rem; border-radius: 1rem; white-space: nowrap; }
.good { color: #14663a; background: #dcf2e5; } .bad { color: #8f1d22; background: #fadfe0; }
.partly { color: #6b5200; background: #fbf0cf; }
.tiles { display: flex; gap: .5rem; margin: 1.1rem 0; padding: 0; list-style: none; }
.tiles li { flex: 1 1 5rem; box-sizing: border-box; border-top: 4px solid; background: #f6f7f9; padding: .4rem .6rem; }
.tiles b { display: block; font-size: 1.4rem; line-height: 1.2; font-variant-numeric: tabular-nums; }
.tiles small { display: block; } .note { margin: -.6rem 0 1.1rem; }
.pair { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(22rem, 100%), 1fr)); gap: .3rem 1.6rem; }
figure { margin: .3rem 0; align-self: end; } figcaption, caption { font-weight: 600; text-align: left; }
svg { width: 100%; display: block; }
svg text { font-size: 11px; fill: #59616b; } .grid { stroke: #e3e6ea; } small { color: #59616b; font-weight: 400; }
.legend { margin: .1rem 0; font-size: 13px; min-height: 1.4em; } .legend span { margin-right: .9rem; }
.legend i { display: inline-block; width: .75em; height: .75em; margin-right: .35em; border-radius: 2px; }
table { border-collapse: collapse; width: 100%; margin: .6rem 0; align-self: start; }
td, th { padding: .18rem .8rem .18rem 0; text-align: left; vertical-align: top; border-bottom: 1px solid #eceef1; }
td { overflow-wrap: anywhere; } th { overflow-wrap: break-word; font-weight: 500; color: #59616b; }
.n { text-align: right; font-variant-numeric: tabular-nums; }
@media (max-width: 46rem) { .tiles { flex-wrap: wrap; } }
@media (max-width: 30rem) {
  header { flex-direction: column; }
  .rows tr { display: block; border-bottom: 1px solid #eceef1; padding: .3rem 0; }
  .rows td, .rows th { display: block; border: 0; padding: 0; }
}
"""
