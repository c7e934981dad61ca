package run_test

import (
	"testing"

	"github.com/gindoctor/gindoctor/checks/checktest"
	"github.com/gindoctor/gindoctor/checks/run"
)

func TestDeletedFiles(t *testing.T) { checktest.Run(t, &run.DeletedFiles) }
