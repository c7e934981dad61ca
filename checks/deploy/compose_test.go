package deploy_test

import (
	"testing"

	"github.com/gindoctor/gindoctor/checks/checktest"
	"github.com/gindoctor/gindoctor/checks/deploy"
)

func TestCompose(t *testing.T) { checktest.Run(t, &deploy.Compose) }
