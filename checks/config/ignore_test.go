package config_test

import (
	"testing"

	"github.com/gindoctor/gindoctor/checks/checktest"
	"github.com/gindoctor/gindoctor/checks/config"
)

func TestIgnore(t *testing.T) { checktest.Run(t, &config.Ignore) }
