// Package org makes up organisations: services, teams and years of releases
// with their pull requests, pipelines, incidents, debriefs and actions, drawn
// from a seed. What makes releases fail, what grows and what helps is planted,
// and told apart as the truth, so that what reads the past can be held to what
// was put there.
//
// Nothing here knows how any of it is found: this package may not import learn.
//
// # How it is drawn
//
// A team's services are simulated one after the other, each release from dice
// of its own (seed, service, number), so that any part can be drawn again alone
// and the order of drawing does not matter. Only one team is held in memory.
//
// Within a service and a quarter every kind of change, module and strategy is
// drawn independently of every other, of the hour and of the size; services and
// quarters differ in all of it and in how often releases fail. So what is not
// planted is associated with failure between services and quarters (as in any
// real organisation) and not within them.
package org
