package deploy_test

import (
	"testing"

	"github.com/gindoctor/gindoctor/checks/checktest"
	"github.com/gindoctor/gindoctor/checks/deploy"
)

func TestGracePeriod(t *testing.T) { checktest.Run(t, &deploy.GracePeriod) }
