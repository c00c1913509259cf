// A publisher and a subscriber from Go stubs. The checks of ../go_checks.py start it, one command at
// a time, and read what it prints: lines of fields separated by tabs, the first of which says what
// the line is. A failed call is a line `error`, with code, reason and the fields that are wrong.
package main

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"strings"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"
)

const (
	runTime       = 60 * time.Second
	lineBytesMax  = 16 << 20
	serviceConfig = "proto/src/main/resources/weir/v1/service_config.json"
	usage         = `usage, in the root of the repository:
  interop parse                             batches as hex on stdin; their readings
  interop ADDRESS publish-stream TOPIC      readings on stdin, batches separated by empty lines
  interop ADDRESS publish TOPIC PRODUCER N  the same as one batch with sequence N, in one call
  interop ADDRESS subscribe|tail rows|columns TOPIC...  everything stored so far
  interop ADDRESS read TOPIC...             the same in pages
  interop ADDRESS follow TOPIC COUNT        what comes from now on, by credit`
)

func main() {
	words := os.Args[1:]
	if err := run(words); err != nil {
		if _, ok := status.FromError(err); ok {
			say("error", described(err)...)
		}
		fmt.Fprintf(os.Stderr, "interop: %s: %v\n", strings.Join(words, " "), err)
		os.Exit(1)
	}
}

func run(words []string) error {
	if len(words) == 1 && words[0] == "parse" {
		return parse(lines())
	}
	if len(words) < 3 {
		return fmt.Errorf("%s", usage)
	}
	connection, err := connect(words[0])
	if err != nil {
		return err
	}
	defer connection.Close()
	ctx, cancel := context.WithTimeout(context.Background(), runTime)
	defer cancel()
	switch command, rest := words[1], words[2:]; {
	case command == "publish-stream" && len(rest) == 1:
		return publishStream(ctx, connection, rest[0], lines())
	case command == "publish" && len(rest) == 3:
		return publish(ctx, connection, rest[0], rest[1], rest[2], lines())
	case command == "subscribe" && len(rest) > 1:
		return eachTopic(ctx, connection, subscribe, rest[0], rest[1:])
	case command == "tail" && len(rest) > 1:
		return eachTopic(ctx, connection, tail, rest[0], rest[1:])
	case command == "read":
		return eachTopic(ctx, connection, read, "rows", rest)
	case command == "follow" && len(rest) == 2:
		return follow(ctx, connection, rest[0], rest[1])
	}
	return fmt.Errorf("%s", usage)
}

// connect dials with the deadlines and retries that the contract publishes for all languages.
func connect(address string) (*grpc.ClientConn, error) {
	config, err := os.ReadFile(serviceConfig)
	if err != nil {
		return nil, err
	}
	return grpc.NewClient(address,
		grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithDefaultServiceConfig(string(config)))
}

// lines are those of stdin, without their ends.
func lines() *bufio.Scanner {
	scanner := bufio.NewScanner(os.Stdin)
	scanner.Buffer(nil, lineBytesMax)
	return scanner
}

// say prints one line.
func say(word string, fields ...any) {
	var line strings.Builder
	line.WriteString(word)
	for _, field := range fields {
		fmt.Fprintf(&line, "\t%v", field)
	}
	fmt.Println(line.String())
}

// described is a failed call by its code, its reason and the fields that are wrong.
func described(err error) []any {
	failed := status.Convert(err)
	fields := []any{failed.Code(), ""}
	for _, detail := range failed.Details() {
		switch detail := detail.(type) {
		case *errdetails.ErrorInfo:
			fields[1] = detail.Reason
		case *errdetails.BadRequest:
			for _, violation := range detail.FieldViolations {
				fields = append(fields, violation.Field)
			}
		}
	}
	return fields
}
