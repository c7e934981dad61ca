package fixes

import (
	"context"
	"slices"
	"strings"

	"github.com/gindoctor/gindoctor/checks"
	"github.com/gindoctor/gindoctor/checks/plan"
)

// AddDiffs fills in the diffs of all plans that edit text, for a report to show. What go commands would add is left out: they
// are run by fix only.
func AddDiffs(ctx context.Context, root string, outcomes []checks.Outcome, mask Mask) {
	for _, o := range outcomes {
		for i := range o.Findings {
			if f := &o.Findings[i]; f.Fix != nil && len(f.Fix.Steps) > 0 {
				f.Fix.Diff = diffOf(ctx, root, *f, mask)
			}
		}
	}
}

func diffOf(ctx context.Context, root string, f checks.Finding, mask Mask) string {
	edits := *f.Fix
	edits.Steps = slices.DeleteFunc(slices.Clone(edits.Steps), func(s plan.Step) bool { _, ok := s.(plan.Command); return ok })
	f.Fix = &edits
	s, err := newStage(ctx, root, nil, false, []*proposal{{finding: f}})
	if err != nil {
		return ""
	}
	var diff strings.Builder
	for _, c := range s.list() {
		diff.WriteString(describeChange(c, mask).Diff)
	}
	return diff.String()
}
