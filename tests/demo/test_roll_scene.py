"""A family's camera roll, and a few stripped pictures beside it: who stands first."""

from headwater.demo.roll_scene import stand


class Silent:
    def begin(self, step, total=0): ...
    def item(self, path, size_bytes, *, failed): ...
    def more(self, count): ...
    def tick(self): ...
    def end(self, words=""): ...


def test_stripped_pictures_come_before_the_whole_roll(tmp_path):
    found = stand(tmp_path, Silent(), roll=24, stripped=4)
    assert found.pictures == 28
    assert set(found.grades) == {"undetermined"}
    assert found.naive[0] > 4
    assert found.ours == (1, 2, 3, 4)
