"""What `--help` teaches: examples of every command, and what the exit status says."""

OVERVIEW = """Holds systems of remote smart-card personalization against the specification
(US 9,451,441), which stands in features/ as Gherkin.

  reperso run                          all features on our implementation (simulated)
  reperso run --sut modelled --sut simulated
  reperso run --sut my.package:factory a system of your own: see docs/verify_your_own.md
  reperso run --sut "jsonl:COMMAND"    one in any language, over lines of JSON
  reperso run --claim 1 --element 1e   the cases of one claim, or of one element
  reperso run reperso/1e/2             one case; its id stays the same
  reperso run --list                   what there is
  reperso explain reperso/1e/2         what a case is about, and what the last run showed
  reperso explore                      can anything go wrong in the model?
  reperso mutants                      does the suite notice systems that are wrong?
  reperso crashes                      do they go on, wherever a party dies in a change?
  reperso interleavings                do requests at once end as some sequence of them would?
  reperso load --kill all              do many users change at once, while processes die?
"""

EXITS = """exit status:
  0 as expected; 1 a FAIL; 2 wrong arguments, features, system or report, or what cannot be written;
  3 no FAIL, but INCONC or ERROR; 4 an unexpected pass, or an expectation that is stale; 5 no case
  selected; 130 interrupted (the report is partial); 141 nobody reads what is said any more.
  With a baseline only what is not expected counts.
"""

RUN = """examples:
  reperso run features/claims/claim_01_method.feature
  reperso run features/claims/claim_01_method.feature:25   the scenario or rule at that line
  reperso run -t "claim-1 and element-1e"                  also: claim_1 and element_1e
  reperso run --rerun build/rerun.txt                      notes what went wrong ...
  reperso run @build/rerun.txt                             ... and runs just that again
  reperso run -f sarif -o reperso.sarif                    other forms, beside those in --report
  reperso run -j 0                                         a process a processor, the same report
  reperso run --ics ics/simulated.yaml                     what applies to a system, as it states
  reperso run --baseline ics/baseline.yaml                 only what is not expected is a failure
  SOURCE_DATE_EPOCH=0 reperso run                          the same bytes every time

"""

REPORT = """examples:
  reperso report build/report/report.json                          the page, beside it
  reperso report build/report/report.json -f sarif -o reperso.sarif -f csv -o matrix.csv
  reperso report build/report/report.json -f markdown              to stdout, for a CI summary

"""

COMPLETION = """examples:
  reperso completion bash > ~/.local/share/bash-completion/completions/reperso
  reperso completion zsh > ~/.zsh/completions/_reperso
  reperso completion fish > ~/.config/fish/completions/reperso.fish

"""

DIFF = """examples:
  reperso diff before/report.json build/report/report.json
  reperso diff before/report.json build/report/report.json -f markdown   for a merge request
Ends with 1 if anything regressed or newly fails (3 if it is undecided), else with 0.

"""

BASELINE = """examples:
  reperso baseline update                              write down what the last run showed
  reperso baseline update --reason "no PIN yet" --link https://example.org/7 --expires 2027-06-30
  reperso baseline check                               hold the last run against it

"""


EXPLORE = """examples:
  reperso explore                      one card, all faults, any number of changes
  reperso explore --variant literal    the specification as it reads: it strands a device
  reperso explore --cards 2 --faults 0 --changes 0
  reperso explore --cards 3 --identities 2 --faults 1 --limit 1000000

1 is returned where something can go wrong, 3 where nothing was found before the limit.

"""

BEGIN = """examples:
  reperso init-sut my_system                      writes my_system.py and my_system.yaml
  reperso run --sut my_system:factory             runs at once, and says which calls are missing

"""

MUTANTS = """examples:
  reperso mutants                                 all, and N/N killed by name at the end
  reperso mutants --element 1e --others none      those that break 1e, on its cases alone
  reperso mutants --technique lockstep -j 2 --resume
                                                  by another technique; goes on where it was stopped
  reperso mutants --tables --sample 20 --faults 0  the tables of the model instead

"""

CRASHES = """examples:
  reperso crashes                                 all scenarios, at every 50th octet of the card
  reperso crashes --scenario "the device asks" --party "card 1" --stride 500
  reperso crashes --party "the store of the application server"
                                                  which breaks at each commit; the server lives on

"""

ORDERS = """examples:
  reperso interleavings
  reperso interleavings --case "two operators" --most 20

"""

LOAD = """examples:
  reperso load                                    200 users, 20 at a time
  reperso load --cards 2000 --rate 10             10 a second, whoever has arrived
  reperso load --cards 500 --kill all             each process dies once and comes back
  reperso load --cut all --fill "hlr 26202" --down 5
  reperso load --servers 2 --database application-server=postgresql:///base --kill all
  reperso load --folder build/load --output build/load.json

Every party is a process with sockets, databases and keys of its own, as a deployment has them.
At the end all is stopped, and what cards, home registers and application server keep has to hold
together; if it does not, or somebody did not arrive, the exit status is 1.

"""

EXPLAIN = """examples:
  reperso explain reperso/1e/2
  reperso explain reperso/1e/2 --sut simulated    what it showed there in the last run

"""

REPLAY = """examples:
  reperso replay reperso/1e/2                     as the last report says that it ran
  reperso replay reperso/1e/2 --sut simulated --seed 7 --octets

"""

STEPS = """examples:
  reperso steps                                   each sentence, and where it is written
  reperso steps --unused
  reperso steps --undefined                       steps of features that mean nothing yet

"""

TRACE = """examples:
  reperso trace                                   a gate: 1 where anything leads nowhere
  reperso trace --accept                          cases were held against the new text

"""

SCHEMA = """examples:
  reperso schema                                  of report.json
  reperso schema ics                              of the statement of a system

"""

DEPLOYMENT = """examples:
  reperso init-deployment my.yaml                 then: python -m impl set-up -d my.yaml

"""
