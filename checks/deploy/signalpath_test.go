package deploy_test

import (
	"testing"

	"github.com/gindoctor/gindoctor/checks/checktest"
	"github.com/gindoctor/gindoctor/checks/deploy"
)

func TestSignalPath(t *testing.T) { checktest.Run(t, &deploy.SignalPath) }
