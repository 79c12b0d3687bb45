package rehearse

import (
	"context"
	"errors"
)

func (a *attempt) pipeline(ctx context.Context) (Ran, error) {
	return Ran{}, errors.New("pipelines are not rehearsed yet")
}
