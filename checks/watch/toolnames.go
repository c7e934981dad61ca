package watch

// The names of tools that a check knows more of than what every tool tells.
const (
	ginCLI      = "gin"
	freshTool   = "fresh"
	realizeTool = "realize"
)
