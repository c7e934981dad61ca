// Package reload starts the project's own watcher on a stage, saves files as a developer does, and measures each link of the chain
// from the save to the first answer of the new code.
//
//	choose   which watcher, and how it is started as its user would
//	edits    what is saved, one after the other
//	look     what is seen meanwhile: processes, the port, what the watcher prints, what becomes of requests
//	measure  the links of the chain, from what was seen: a pure function
//	judge    where the chain broke, and which check of the catalogue that proves: a pure function
package reload
