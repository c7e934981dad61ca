package target

import (
	"context"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"path/filepath"

	"github.com/gindoctor/gindoctor/target/host"
)

// Certificate is the leaf of a file of certificates in PEM form: of this machine where the path is absolute, else of the project.
func (t *Target) Certificate(ctx context.Context, path string) (*x509.Certificate, error) {
	read := func() ([]byte, error) { return t.opts.Host.ReadFile(ctx, path) }
	if !filepath.IsAbs(path) {
		read = func() ([]byte, error) {
			return readSmall(filepath.Join(t.root, filepath.FromSlash(path)), host.MaxFile)
		}
	}
	data, err := read()
	if err != nil {
		return nil, err
	}
	for {
		var block *pem.Block
		if block, data = pem.Decode(data); block == nil {
			return nil, fmt.Errorf("%s: %w", path, errNoCertificate)
		}
		if block.Type == "CERTIFICATE" {
			c, err := x509.ParseCertificate(block.Bytes)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", path, err)
			}
			return c, nil
		}
	}
}

var errNoCertificate = errors.New("no certificate in it")
