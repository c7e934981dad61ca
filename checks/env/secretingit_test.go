package env_test

import (
	"testing"

	"github.com/gindoctor/gindoctor/checks/checktest"
	"github.com/gindoctor/gindoctor/checks/env"
)

func TestSecretInGit(t *testing.T) { checktest.Run(t, &env.SecretInGit) }
