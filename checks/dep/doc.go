// Package dep holds the checks of what the programs depend on elsewhere: databases, caches, brokers. Nothing is dialled unless a flag
// asks for it.
package dep
