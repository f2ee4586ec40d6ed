// Package taught holds what debrief learns from made-up organisations to what
// was planted there: how many of the planted patterns a review finds, how many
// of those it tells were not planted, and what it says where nothing is.
package taught
