package deploy_test

import (
	"testing"

	"github.com/gindoctor/gindoctor/checks/checktest"
	"github.com/gindoctor/gindoctor/checks/deploy"
)

func TestPrometheus(t *testing.T) { checktest.Run(t, &deploy.Prometheus) }
