package deploy

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/robfig/cron/v3"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/internal/lazyregexp"
)

const day = 24 * time.Hour

// schedule holds the times of a renewal against its comment, and against what a renewal needs.
func (r renewal) schedule(report checks.Reporter) {
	times := r.Times()
	if times == nil {
		return
	}
	mean, longest := gaps(times)
	if mean == 0 {
		r.at(report, r.Schedule.Span, checks.Finding{
			Message: checks.Msg("the renewal is never run: no day is the one of %s", r.Schedule.Value),
			Why:     checks.Msg("The certificate runs out."),
			Help:    checks.Msg("write a time that comes each day, such as 17 3 * * *"),
		})
		return
	}
	if low, high, words, ok := promised(r.Comment); ok && (mean < low || mean > high) {
		r.at(report, r.Schedule.Span, checks.Finding{
			Message:  checks.Msg("the renewal is run %s, and its comment says %q", howOften(mean), words),
			Why:      checks.Msg("One of the two is not what was meant; a certificate that is asked for too seldom runs out."),
			Help:     checks.Msg("write a time that comes each day, such as 17 3 * * *: what is not due is left alone"),
			Evidence: []checks.Message{checks.Msg("%s:%d  # %s", r.File.Path, r.CommentLine.Line, r.Comment)},
		})
		return
	}
	if longest > 31*day {
		r.at(report, r.Schedule.Span, checks.Finding{
			Message: checks.Msg("up to %d days lie between two runs of the renewal", int(longest/day)),
			Why:     checks.Msg("A certificate of 90 days is renewed in its last 30: a run that comes too early does nothing, and the next one comes too late."),
			Help:    checks.Msg("write a time that comes each day, such as 17 3 * * *: what is not due is left alone"),
		})
	}
}

// gaps are the mean and the longest time between the runs of some years; 0 where there is none.
func gaps(times cron.Schedule) (mean, longest time.Duration) {
	first := times.Next(time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC))
	last, runs := first, 0
	for runs < 2000 && !last.IsZero() && last.Sub(first) < 4*366*day {
		next := times.Next(last)
		if next.IsZero() {
			break
		}
		longest = max(longest, next.Sub(last))
		last = next
		runs++
	}
	if runs == 0 {
		return 0, 0
	}
	return last.Sub(first) / time.Duration(runs), longest
}

func howOften(mean time.Duration) string {
	for _, p := range []struct {
		low, high time.Duration
		text      string
	}{{50 * time.Minute, 70 * time.Minute, "every hour"}, {11 * time.Hour, 13 * time.Hour, "twice a day"}, {23 * time.Hour, 25 * time.Hour, "every day"},
		{6*day + 20*time.Hour, 7*day + 4*time.Hour, "every week"}, {30 * day, 31 * day, "every month"}, {60 * day, 62 * day, "every second month"},
		{364 * day, 367 * day, "once a year"}} {
		if mean >= p.low && mean <= p.high {
			return p.text
		}
	}
	switch {
	case mean < 2*time.Hour:
		return fmt.Sprintf("every %d minutes", int(mean.Round(time.Minute)/time.Minute))
	case mean < 2*day:
		return fmt.Sprintf("every %d hours", int(mean.Round(time.Hour)/time.Hour))
	}
	return fmt.Sprintf("every %d days", int(mean.Round(day)/day))
}

// The words by which comments say how often, in English and Chinese.
var (
	everySome = lazyregexp.New(`(?i)\b(?:every|each|once every|once in)\s+(?:(\d+|two|three|four|six|eight|twelve|other|second|third)\s+)?(hour|day|night|week|month|quarter|year)s?\b`)
	perUnit   = lazyregexp.New(`(?i)\b(?:(once|twice)\s+(?:a|per|each|every)\s+(hour|day|week|month|year))\b`)
	adverb    = lazyregexp.New(`(?i)\b(twice[ -])?(hourly|daily|nightly|weekly|monthly|quarterly|yearly|annually)\b`)
	chinese   = lazyregexp.New(`每(\d+|一|两|二|三|四|六)?个?(小时|天|日|晚|周|星期|月|季度|年)(两次|二次|2次)?`)
)

var countWords = map[string]int{"": 1, "two": 2, "other": 2, "second": 2, "three": 3, "third": 3, "four": 4, "six": 6, "eight": 8, "twelve": 12, "一": 1, "两": 2, "二": 2, "三": 3, "四": 4, "六": 6}

// units are the shortest and the longest that one of them lasts, on the mean of some years.
var units = map[string][2]time.Duration{
	"hour": {time.Hour, time.Hour}, "小时": {time.Hour, time.Hour}, "hourly": {time.Hour, time.Hour},
	"day": {day, day}, "night": {day, day}, "daily": {day, day}, "nightly": {day, day}, "天": {day, day}, "日": {day, day}, "晚": {day, day},
	"week": {7 * day, 7 * day}, "weekly": {7 * day, 7 * day}, "周": {7 * day, 7 * day}, "星期": {7 * day, 7 * day},
	"month": {28 * day, 31 * day}, "monthly": {28 * day, 31 * day}, "月": {28 * day, 31 * day},
	"quarter": {89 * day, 93 * day}, "quarterly": {89 * day, 93 * day}, "季度": {89 * day, 93 * day},
	"year": {364 * day, 367 * day}, "yearly": {364 * day, 367 * day}, "annually": {364 * day, 367 * day}, "年": {364 * day, 367 * day},
}

// promised is how often a comment says that something happens, and its words; false where it says nothing, or several things.
func promised(comment string) (low, high time.Duration, words string, ok bool) {
	type promise struct{ low, high time.Duration }
	var found []promise
	rest := comment
	take := func(pattern *lazyregexp.Regexp, read func(m []string) (count, times int, unit string)) {
		for _, m := range pattern.FindAllStringSubmatch(rest, -1) {
			count, times, unit := read(m)
			u, known := units[strings.ToLower(unit)]
			if !known || count == 0 {
				continue
			}
			words = m[0]
			// Steps within a year or a month leave a remainder: some slack.
			found = append(found, promise{u[0] * time.Duration(count) / time.Duration(times) * 9 / 10, u[1] * time.Duration(count) / time.Duration(times) * 11 / 10})
		}
		rest = pattern.ReplaceAllString(rest, " ")
	}
	take(perUnit, func(m []string) (int, int, string) { return 1, timesOf(m[1]), m[2] })
	take(everySome, func(m []string) (int, int, string) { return countOf(m[1]), 1, m[2] })
	take(adverb, func(m []string) (int, int, string) { return 1, timesOf(m[1]), m[2] })
	take(chinese, func(m []string) (int, int, string) {
		if m[3] != "" {
			return countOf(m[1]), 2, m[2]
		}
		return countOf(m[1]), 1, m[2]
	})
	if len(found) != 1 {
		return 0, 0, "", false
	}
	return found[0].low, found[0].high, words, true
}

func timesOf(word string) int {
	if strings.HasPrefix(strings.ToLower(word), "twice") {
		return 2
	}
	return 1
}

func countOf(word string) int {
	if n, ok := countWords[strings.ToLower(word)]; ok {
		return n
	}
	n, _ := strconv.Atoi(word)
	if n > 1000 {
		return 0
	}
	return n
}
