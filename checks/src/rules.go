package src

// Rules are all rules, in the order of the catalogue.
func Rules() []*Rule {
	return []*Rule{
		UseAfterRoute,
		RouteConflict,
		RunError,
		ServeError,
		Address,
		HTMLWithoutTemplates,
		CORS,
		NoGraceful,
		Notify,
		Shutdown,
		RestartLibrary,
		Hardcoded,
		Unclosed,
		ClientPerRequest,
		Pool,
		Timeouts,
		ContextEscape,
		WriteAfterAbort,
		TrustedProxies,
		PprofPublic,
		LogFile,
		NoRecovery,
		TemplateReload,
		StaticRoot,
		InitExit,
		Wait,
	}
}
