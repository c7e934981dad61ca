// Package catalogue is the one list of all checks. A new check is its file, its test, its page, its fixtures and a line here.
package catalogue

import (
	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/checks/env"
	"github.com/gindoctor/gindoctor/checks/mod"
	"github.com/gindoctor/gindoctor/checks/port"
	"github.com/gindoctor/gindoctor/checks/run"
	"github.com/gindoctor/gindoctor/checks/src"
	"github.com/gindoctor/gindoctor/checks/watch"
)

// All lists every check, by family in the order of design.md section 4.
func All() []*checks.Check {
	return []*checks.Check{
		&mod.NoGoMod,
		&mod.WrongRoot,
		&mod.Parse,
		&mod.MissingRequire,
		&mod.UnusedRequire,
		&mod.IndirectComment,
		&mod.MissingSum,
		&mod.SumMismatch,
		&mod.RelativeImport,
		&mod.ModulePath,
		&mod.PackageMissing,
		&mod.ImportCase,
		&mod.ImportCycle,
		&mod.InternalImport,
		&mod.MainImport,
		&mod.LocalReplace,
		&mod.GoDirective,
		&mod.Workspace,
		&mod.VendorDrift,
		&mod.RetractedGin,
		&mod.CompileError,
		&mod.BuildTags,
		&mod.PrivateModule,

		&env.GoMissing,
		&env.GO111ModuleOff,
		&env.GO111ModuleAuto,
		&env.InGOPATH,
		&env.GoModInGOPATHRoot,
		&env.GOROOT,
		&env.GOFLAGS,
		&env.GOPROXY,
		&env.VCSStamp,
		&env.CrossTarget,
		&env.Cgo,
		&env.GOBINPath,
		&env.CacheUnwritable,

		&watch.ConfigSyntax,
		&watch.UnknownKey,
		&watch.WrongType,
		&watch.DeprecatedKey,
		&watch.ConfigIgnored,
		&watch.BlindSpot,
		&watch.BlindAsset,
		&watch.MissingDir,
		&watch.BadRegex,
		&watch.RebuildLoop,
		&watch.HeavyTree,
		&watch.WrongPackage,
		&watch.BinMismatch,
		&watch.StaleOnError,
		&watch.RestartNeeded,
		&watch.SlowBuild,
		&watch.HardKill,
		&watch.DelayUnit,
		&watch.Debounce,
		&watch.ShellWrapper,
		&watch.ProxyPort,
		&watch.PollNeedless,
		&watch.NotRunning,
		&watch.TwoInstances,
		&watch.NotInstalled,
		&watch.ToolVersion,
		&watch.Platform,
		&watch.CommittedOutput,
		&watch.OldPath,
		&watch.Debugger,

		&port.Leftover,
		&port.Taken,
		&port.Inherited,
		&port.Privileged,
		&port.Clash,
		&port.SplitAddress,
		&port.Reserved,

		&run.StaleBinary,
		&run.TwoServers,

		src.RestartLibrary.AsCheck(),
	}
}
