package record

// Runs are the pipeline runs among keys.
func Runs(keys []string) []string {
	var runs []string
	for _, k := range keys {
		if isRun(k) {
			runs = append(runs, k)
		}
	}
	return runs
}
