package main

import (
	"fmt"
	"os"

	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"
)

func newMan(s *streams) *cobra.Command {
	return &cobra.Command{
		Use:   "man [DIR]",
		Short: "print the manual page, or write one for every command to DIR",
		Example: `  gindoctor man | man -l -
  gindoctor man /usr/local/share/man/man1`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			root := cmd.Root()
			root.DisableAutoGenTag = true // a page is the same whenever it is made
			header := &doc.GenManHeader{Section: "1", Source: "gindoctor " + version(), Manual: "gindoctor"}
			if len(args) == 0 {
				return doc.GenMan(root, header, s.out)
			}
			if err := os.MkdirAll(args[0], 0o755); err != nil {
				return fmt.Errorf("writing the manual pages: %w", err)
			}
			return doc.GenManTree(root, header, args[0])
		},
	}
}
