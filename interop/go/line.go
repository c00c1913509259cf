package main

import (
	"encoding/hex"
	"fmt"
	"math"
	"strconv"
	"strings"
)

// reading is one reading as both languages list it.
type reading struct {
	sensor string // a name, or # and an id where the name is not known
	time   string // Unix nanoseconds, or - where none is stated
	kind   string
	value  any // float64, int64, bool, string or []byte; nil where there is none
}

// fields are sensor, time, kind and value; the same in every language that reads the same.
func (r reading) fields() []any {
	return []any{escaped(r.sensor), r.time, r.kind, written(r.value)}
}

func written(value any) string {
	switch value := value.(type) {
	case float64:
		if math.IsNaN(value) {
			return "NaN"
		}
		return fmt.Sprintf("%016x", math.Float64bits(value))
	case string:
		return escaped(value)
	case []byte:
		return hex.EncodeToString(value)
	}
	return fmt.Sprint(value)
}

// readingOf parses what fields wrote.
func readingOf(line string) (reading, error) {
	fields := strings.Split(line, "\t")
	if len(fields) != 4 {
		return reading{}, fmt.Errorf("%q is not a reading: 4 fields expected", line)
	}
	r := reading{sensor: unescaped(fields[0]), time: fields[1], kind: fields[2]}
	var err error
	switch text := fields[3]; r.kind {
	case "double":
		var bits uint64
		bits, err = strconv.ParseUint(text, 16, 64)
		r.value = math.Float64frombits(bits)
		if text == "NaN" {
			r.value, err = math.NaN(), nil
		}
	case "integer":
		r.value, err = strconv.ParseInt(text, 10, 64)
	case "boolean":
		r.value, err = strconv.ParseBool(text)
	case "text":
		r.value = unescaped(text)
	case "blob":
		r.value, err = hex.DecodeString(text)
	default:
		err = fmt.Errorf("unknown kind %q", r.kind)
	}
	return r, err
}

// plain characters stand for themselves in a line; every other byte is a percent sign and its hex.
const plain = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-~/#"

func escaped(text string) string {
	var out strings.Builder
	for i := 0; i < len(text); i++ {
		if strings.IndexByte(plain, text[i]) >= 0 {
			out.WriteByte(text[i])
		} else {
			fmt.Fprintf(&out, "%%%02X", text[i])
		}
	}
	return out.String()
}

func unescaped(text string) string {
	var out strings.Builder
	for i := 0; i < len(text); i++ {
		if text[i] == '%' && i+2 < len(text) {
			if code, err := strconv.ParseUint(text[i+1:i+3], 16, 8); err == nil {
				out.WriteByte(byte(code))
				i += 2
				continue
			}
		}
		out.WriteByte(text[i])
	}
	return out.String()
}
