package rules

// Shell is what is known of commands that run other commands, show text, or find executables.
type Shell struct{}
