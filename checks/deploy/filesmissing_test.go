package deploy_test

import (
	"testing"

	"github.com/gindoctor/gindoctor/checks/checktest"
	"github.com/gindoctor/gindoctor/checks/deploy"
)

func TestFilesMissing(t *testing.T) { checktest.Run(t, &deploy.FilesMissing) }
