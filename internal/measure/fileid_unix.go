//go:build unix

package measure

import (
	"io/fs"
	"strconv"
	"syscall"
)

// fileID names a file by what stays when it is renamed.
func fileID(info fs.FileInfo) string {
	if st, ok := info.Sys().(*syscall.Stat_t); ok {
		return strconv.FormatUint(uint64(st.Dev), 36) + "-" + strconv.FormatUint(st.Ino, 36)
	}
	return ""
}
