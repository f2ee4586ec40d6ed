// Package shop is the sample shop of the demo and of the story "a normal
// Tuesday": a small HTTP service with a real database, real migrations and
// real requests, whose second release carries a fault nobody wrote on purpose
// into any number.
//
// What happens: up to v1.41 every line sold is a row of order_lines, or of
// open_lines until it is delivered, and the checkout asks, for each line of a
// cart, how often this customer bought the product before (eleven times: one
// per cent off). v1.42 keeps what was sold as documents. Its migration rewrites
// everything sold so far into order_history, so it takes as long as there are
// rows: seconds on staging, minutes in production. What is sold from then on
// collects in order_events, as it did in open_lines, and that table's index on
// customer and product was forgotten. The table
// starts empty, so the first checkouts are as quick as ever; each of them adds
// rows that every later one reads through, once per line of its cart. Response
// times creep up, and in the end the largest carts run into the shop's own
// time limit and log an error nobody has seen before.
//
// The code of both versions is the same but for the table it asks. Nothing
// sleeps, and no constant depends on the version: with the index (the twin of
// v1.42, and v1.43) the same release is as good as the one before.
package shop
