package deploy

import (
	"path"
	"slices"
	"strings"

	"github.com/agnivade/levenshtein"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/checks/plan"
	"github.com/gindoctor/gindoctor/internal/lazyregexp"
	"github.com/gindoctor/gindoctor/target/artefact"
)

// names tells of jobs of one name, which Prometheus refuses.
func (s *scraping) names() {
	seen := map[string]artefact.Text{}
	for _, j := range s.file.Jobs {
		name := j.Name
		if name.IsZero() {
			s.at(artefact.Text{Span: j.Span}, checks.Finding{
				Message: checks.Msg("a job of Prometheus has no name"),
				Why:     checks.Msg("Prometheus does not start: job_name is empty."),
				Help:    checks.Msg("write job_name: and a name"),
			})
			continue
		}
		if !name.Known() || name.Value == "" {
			continue
		}
		if before, twice := seen[name.Value]; twice {
			s.at(name, checks.Finding{
				Message:  checks.Msg("two jobs are called %s", name.Value),
				Why:      checks.Msg("Prometheus does not start: found multiple scrape configs with job name %q.", name.Value),
				Help:     checks.Msg("give this one another name, or put its targets into the first"),
				Evidence: []checks.Message{checks.Msg("%s:%d  the first", s.file.Path, before.Line)},
			})
			continue
		}
		seen[name.Value] = name
	}
}

// times tells of timeouts that are longer than the interval (prometheus, config/config.go, ScrapeConfig.Validate).
func (s *scraping) times() {
	interval := promTime(s.file.Global.Interval.Value)
	if interval < 0 && s.file.Global.Interval.IsZero() {
		interval = 60_000
	}
	s.timeout(s.file.Global.Timeout, interval)
	for _, j := range s.file.Jobs {
		own := interval
		if !j.Interval.IsZero() {
			own = -1
			if j.Interval.Known() {
				own = promTime(j.Interval.Value)
			}
		}
		s.timeout(j.Timeout, own)
	}
}

func (s *scraping) timeout(timeout artefact.Text, interval int64) {
	if length := promTime(timeout.Value); timeout.Known() && interval > 0 && length > interval {
		s.at(timeout, checks.Finding{
			Message: checks.Msg("the timeout of %s is longer than the interval of %s", timeout.Value, seconds(interval)),
			Why:     checks.Msg("Prometheus does not start: scrape timeout greater than scrape interval."),
			Help:    checks.Msg("write a scrape_timeout of at most %s, or a longer scrape_interval", seconds(interval)),
		})
	}
}

// The keys that Prometheus knows (prometheus, config/config.go), up to version 3.
var (
	promTop    = strings.Fields("global runtime rule_files scrape_config_files scrape_configs alerting remote_write remote_read storage tracing otlp")
	promGlobal = strings.Fields(`scrape_interval scrape_timeout scrape_protocols evaluation_interval rule_query_offset external_labels query_log_file
		scrape_failure_log_file body_size_limit sample_limit target_limit label_limit label_name_length_limit label_value_length_limit keep_dropped_targets
		metric_name_validation_scheme metric_name_escaping_scheme always_scrape_classic_histograms convert_classic_histograms_to_nhcb scrape_native_histograms`)
	promJob = strings.Fields(`job_name honor_labels honor_timestamps track_timestamps_staleness params scrape_interval scrape_timeout scrape_protocols
		fallback_scrape_protocol scrape_classic_histograms always_scrape_classic_histograms convert_classic_histograms_to_nhcb scrape_native_histograms
		metrics_path scheme enable_compression enable_http2 follow_redirects http_headers basic_auth authorization oauth2 bearer_token bearer_token_file
		tls_config proxy_url no_proxy proxy_from_environment proxy_connect_header static_configs relabel_configs metric_relabel_configs body_size_limit
		sample_limit target_limit label_limit label_name_length_limit label_value_length_limit native_histogram_bucket_limit
		native_histogram_min_bucket_factor keep_dropped_targets metric_name_validation_scheme metric_name_escaping_scheme scrape_failure_log_file`)
)

// fields tells of keys that are nearly ones that Prometheus knows.
func (s *scraping) fields() {
	s.unknown(s.file.Keys, promTop)
	s.unknown(s.file.Global.Keys, promGlobal)
	for _, j := range s.file.Jobs {
		s.unknown(j.Keys, promJob)
	}
}

func (s *scraping) unknown(keys []artefact.Text, known []string) {
	for _, key := range keys {
		if slices.Contains(known, key.Value) || strings.HasSuffix(key.Value, "_sd_configs") {
			continue
		}
		near := ""
		for _, k := range known {
			if levenshtein.ComputeDistance(key.Value, k) <= 2 {
				near = k
			}
		}
		if near == "" || slices.ContainsFunc(keys, func(k artefact.Text) bool { return k.Value == near }) {
			continue // a newer Prometheus may know it
		}
		f := checks.Finding{
			Message: checks.Msg("Prometheus knows no %s", key.Value),
			Why:     checks.Msg("It does not start: field %s not found.", key.Value),
			Help:    checks.Msg("write %s", near),
		}
		if key.Plain() {
			f.Fix = &plan.Plan{Title: "write " + near, Safety: plan.Safe, Steps: []plan.Step{plan.ReplaceAt(s.file.Path, key.Line, key.Column, key.Raw, near)}}
		}
		s.at(key, f)
	}
}

var jobMatcher = lazyregexp.New(`[{,]\s*job\s*=\s*"([^"\\]+)"`)

// alerts tells of rules that ask for a job of which there is none: they are never met, and nobody hears of it. Jobs come from
// elsewhere too where labels are rewritten.
func (s *scraping) alerts() {
	var jobs []string
	for _, j := range s.file.Jobs {
		if j.Relabels || !j.Name.Known() {
			return
		}
		jobs = append(jobs, j.Name.Value)
	}
	if len(jobs) == 0 || slices.ContainsFunc(s.file.Keys, func(k artefact.Text) bool { return k.Value == "scrape_config_files" || k.Value == "remote_read" }) {
		return
	}
	for _, r := range artefact.Of[*artefact.RuleFile](s.d.Artefacts) {
		if !s.includes(r) || strings.Contains(string(r.Text), "{{ job") || len(s.others()) > 0 {
			continue
		}
		for _, rule := range r.Rules {
			for _, m := range jobMatcher.FindAllStringSubmatch(rule.Expr.Value, -1) {
				if rule.Alert.Value == "" || slices.Contains(jobs, m[1]) {
					continue
				}
				s.report(checks.Finding{
					Message:    checks.Msg("the alert %s watches the job %s, and no job is called so", rule.Alert.Value, m[1]),
					Why:        checks.Msg("The alert never fires. Its jobs are: %s.", strings.Join(jobs, ", ")),
					Help:       checks.Msg("name one of the jobs of %s", s.file.Path),
					Confidence: checks.Likely,
					Location:   checks.At(r.Path, rule.Expr.Line, rule.Expr.Column),
					Key:        rule.Alert.Value + " " + m[1],
				})
			}
		}
	}
}

// others are further configurations in the project, whose jobs a rule may mean.
func (s *scraping) others() []*artefact.Prometheus {
	return slices.DeleteFunc(artefact.Of[*artefact.Prometheus](s.d.Artefacts), func(p *artefact.Prometheus) bool { return p == s.file })
}

// includes tells whether the configuration loads a file of rules: by its name, as the folder is another one where Prometheus runs.
func (s *scraping) includes(r *artefact.RuleFile) bool {
	return slices.ContainsFunc(s.file.RuleFiles, func(f artefact.Text) bool {
		ok, err := path.Match(path.Base(f.Value), path.Base(r.Path))
		return ok && err == nil
	})
}
