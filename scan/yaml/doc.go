// Package yaml reads YAML byte by byte, so that each scalar's text is known with the place of all its bytes, and finds the commands in it.
package yaml
