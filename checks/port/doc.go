// Package port holds the checks of the ports that the app wants: who holds them, and whether anybody can have them.
package port
