package air

import (
	"slices"
	"strconv"
	"strings"
)

// Override lays the command line's own settings (`--build.cmd "go build ..."`, one flag for each key) over those of the file,
// as air does since 1.40. What follows the flags are arguments of the program. A flag that repeats the default counts as not
// given. Overridden then names the keys that the command line decides.
func (c *Config) Override(args []string) {
	if !c.Version.AtLeast("v1.40.0") {
		return
	}
	for i := 0; i < len(args); i++ {
		name, isFlag := strings.CutPrefix(args[i], "-")
		if !isFlag || name == "" {
			c.Build.ArgsBin = slices.Concat(c.Build.ArgsBin, args[i:])
			break
		}
		if name == "-" {
			c.Build.ArgsBin = slices.Concat(c.Build.ArgsBin, args[i+1:])
			break
		}
		name, value, joined := strings.Cut(strings.TrimPrefix(name, "-"), "=")
		if name == "d" || name == "v" || name == "h" || name == "help" {
			continue
		}
		if !joined {
			if i++; i == len(args) {
				break
			}
			value = args[i]
		}
		if c.set(name, value) {
			c.Overridden = append(c.Overridden, name)
		}
	}
	c.followTmpDir()
}

// set gives one key a value of the command line: lists are parted at commas, what is no number is 0, what is no truth false.
func (c *Config) set(name, value string) bool {
	b := &c.Build
	texts := map[string]*string{
		"root": &c.Root, "tmp_dir": &c.TmpDir, "testdata_dir": &c.TestData,
		"build.cmd": &b.Cmd, "build.bin": &b.Bin, "build.full_bin": &b.FullBin, "build.log": &b.Log,
	}
	lists := map[string]*[]string{
		"env_files": &c.EnvFiles, "build.pre_cmd": &b.PreCmd, "build.post_cmd": &b.PostCmd, "build.args_bin": &b.ArgsBin,
		"build.include_ext": &b.IncludeExt, "build.exclude_dir": &b.ExcludeDir, "build.include_dir": &b.IncludeDir,
		"build.exclude_file": &b.ExcludeFile, "build.include_file": &b.IncludeFile, "build.exclude_regex": &b.ExcludeRegex,
		"build.entrypoint": (*[]string)(&b.Entrypoint),
	}
	flags := map[string]*bool{
		"build.exclude_unchanged": &b.ExcludeUnchanged, "build.ignore_dangerous_root_dir": &b.DangerousRoot,
		"build.follow_symlink": &b.FollowSymlink, "build.poll": &b.Poll, "build.stop_on_error": &b.StopOnError,
		"build.send_interrupt": &b.SendInterrupt, "build.rerun": &b.Rerun, "log.time": &c.Log.Time,
		"log.main_only": &c.Log.MainOnly, "log.silent": &c.Log.Silent, "misc.clean_on_exit": &c.Misc.CleanOnExit,
		"screen.clear_on_rebuild": &c.Screen.ClearOnRebuild, "screen.keep_scroll": &c.Screen.KeepScroll, "proxy.enabled": &c.Proxy.Enabled,
	}
	numbers := map[string]*int{
		"build.poll_interval": &b.PollInterval, "build.delay": &b.Delay, "build.rerun_delay": &b.RerunDelay,
		"proxy.proxy_port": &c.Proxy.ProxyPort, "proxy.app_port": &c.Proxy.AppPort, "proxy.app_start_timeout": &c.Proxy.AppStartTimeout,
	}
	d := (&Config{Version: c.Version, Values: Defaults(c.Version)})
	if to := texts[name]; to != nil {
		if same := d.text(name); value == same {
			return false
		}
		*to = value
		return true
	}
	if to := lists[name]; to != nil {
		*to = []string{}
		if value != "" {
			*to = strings.Split(value, ",")
		}
		return true
	}
	if to := flags[name]; to != nil {
		*to, _ = strconv.ParseBool(value)
		return true
	}
	if to := numbers[name]; to != nil {
		*to, _ = strconv.Atoi(value)
		return true
	}
	if name == "build.kill_delay" {
		n, _ := strconv.ParseInt(value, 10, 64)
		b.KillDelay = Delay{Number: n, Bare: true}
		return true
	}
	return false
}

// text is the value of one of the keys that flags most often repeat.
func (c *Config) text(name string) string {
	switch name {
	case "root":
		return c.Root
	case "tmp_dir":
		return c.TmpDir
	case "testdata_dir":
		return c.TestData
	case "build.cmd":
		return c.Build.Cmd
	case "build.bin":
		return c.Build.Bin
	case "build.log":
		return c.Build.Log
	}
	return ""
}
