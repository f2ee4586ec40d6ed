// Package plot turns numbers into pictures: a series around a release with the
// band of its own past, a sparkline, the bar of a stage, the mark of a verdict,
// and a line of blocks for the terminal. All of them speak one visual language
// (docs/look.md):
//
//   - uncertainty is drawn: the past is a band, an effect an interval, "cannot
//     tell" a hatch, "too early" an outline;
//   - what changed is drawn from where it began, and only that is coloured;
//   - labels stand at what they name, never over one another, and are never
//     smaller than 12 px at the size the picture is shown in.
//
// A picture is SVG text without ids, styles or scripts. Its colours come from
// the page's classes, so that it follows light and dark, and stands unchanged
// in a page, a mail or a print. Values that are not finite are gaps; nothing
// that is not a finite number ever reaches the output.
//
// The package is pure and level 0: standard library only, no clock, no I/O.
package plot
