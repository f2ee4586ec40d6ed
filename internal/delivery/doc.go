// Package delivery is the mirror: from releases and incidents it tells which
// change an incident may have come from, which releases failed, and what the five
// metrics of software delivery are made of. It is pure: values in, values out.
package delivery
