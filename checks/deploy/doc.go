// Package deploy checks what the program is deployed by, against the code and against each other.
package deploy
