package air

import (
	"fmt"
	"time"
)

// Delay is the value of kill_delay: a bare number, of which the unit depends on the release, or a duration.
type Delay struct {
	Number int64         // as written, when Bare
	Bare   bool          // given as a number
	Text   time.Duration // given as "500ms"
}

// UnmarshalTOML takes what air takes.
func (d *Delay) UnmarshalTOML(v any) error {
	switch value := v.(type) {
	case int64:
		*d = Delay{Number: value, Bare: true}
	case string:
		parsed, err := time.ParseDuration(value)
		if err != nil {
			return fmt.Errorf("kill_delay: %w", err)
		}
		*d = Delay{Text: parsed}
	default:
		return fmt.Errorf("kill_delay must be a duration or a number, got %T", v)
	}
	return nil
}

// Duration is what the release makes of the value: the unit of a bare number changed twice (ms, ns, ms), and from 1.50 on
// everything below a million nanoseconds counts as milliseconds.
func (d Delay) Duration(v Version) time.Duration {
	raw := d.Text
	if d.Bare {
		raw = time.Duration(d.Number)
	}
	switch {
	case !v.AtLeast("v1.40.0"):
		return raw * time.Millisecond
	case !v.AtLeast("v1.50.0"):
		return raw
	case raw < time.Millisecond:
		return raw * time.Millisecond
	}
	return raw.Truncate(time.Millisecond)
}
