// Package venv keeps the Python environments of a workspace's instances: each
// is whole or not there, and says why when it no longer fits.
//
// What it promises: a reader of instances/<name>/.venv sees one complete
// environment at any moment, whatever is killed. What it does not: a program
// that runs while its environment is replaced may import a module of the new
// one later on.
//
// The contract on disk is docs/environments.md.
package venv
