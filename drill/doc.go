// Package drill does for real what the checks foretell: it reloads, ends, restarts and loads the project, in a copy, and measures
// each link of the chain.
//
//	stage     the copy, its port and environment, and what is started there: all of it ends, whatever happens to us
//	load      bounded requests to this machine, and what became of them
//	reload, shutdown, restart, leak   one drill each: trials on a stage, told as an account
//	account   what was measured: data, which the reports show
//	drilltest stages for the tests of drills
package drill
