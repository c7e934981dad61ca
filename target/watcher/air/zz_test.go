package air
import ("testing";"fmt")
func TestZZ(t *testing.T){
 for _, s := range []string{"[build]\ndelay = \"1000\"", "a = 1\n[build]\ncmd = \"x\nfoo", "build:\n  cmd: x\n", "[build]\ncmd=\"a\"\ncmd=\"b\"", "[build]\n[build]\n","x\x00\x01","[build]\nfull_bin = true","[build]\ninclude_ext=[\"go\"","[build]\nbin = \"tmp\\main\"", "[log]\ntime = \"true\"", "[build]\ninclude_ext = [1]", "[build]\ncmd = 5","[build]\ndelay = 1.5","[build]\nstop_on_error = 1", "[build]\n  cmd = \"go build\"\n exclude_regex = [\"*_templ.go\"]", "build = 5", "[build]\ndelay = \"1s\"\n[log]\ntime = \"x\"\n","[proxy]\nproxy_port=\"8080\""} {
  c := Load("", ".", ".air.toml", []byte(s))
  l, col, r := c.Fault()
  fmt.Printf("%q => %d:%d %s | %v | %v\n", s, l, col, r, c.Err, c.Doc.Err)
  for _, e := range c.Doc.Entries { fmt.Println("   ", e.Path, c.Raw(e.Value.Span), c.Takes(e.Path, c.Raw(e.Value.Span))) }
 }
}
