// Package limit holds the checks of family limit: what the system lets this project have of its watches and descriptors.
package limit
