package artefact

// FillTemplates is what Find does with the templates of charts.
func (s *Set) FillTemplates() { s.fillTemplates() }
